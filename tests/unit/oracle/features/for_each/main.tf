variable "functions" {
  type    = map(object({ memory = optional(number, 128), route = string }))
  default = { a = { route = "GET /a" }, b = { route = "GET /b", memory = 256 } }
}
locals {
  names = ["x", "y"]
}
resource "terraform_data" "set" {
  for_each = toset(["b", "a"])
  input    = [each.key, each.value]
}
resource "terraform_data" "var" {
  for_each = var.functions
  input    = "${each.value.route}/${each.value.memory}"
}
resource "terraform_data" "other" {
  for_each = terraform_data.var
  input    = [each.key, each.value.input]
}
resource "terraform_data" "keys" {
  for_each = toset(keys(terraform_data.var))
  input    = terraform_data.var[each.key].input
}
resource "terraform_data" "for" {
  for_each = { for i, n in local.names : n => i if n != "x" }
  input    = each.value
}
resource "terraform_data" "grouped" {
  for_each = { for k, v in var.functions : (v.memory > 128 ? "big" : "small") => k... }
  input    = each.value
}
resource "terraform_data" "empty" {
  for_each = {}
  input    = each.value
}
resource "terraform_data" "emptyset" {
  for_each = toset([])
  input    = each.value
}
resource "terraform_data" "odd" {
  for_each = { "a b" = 1, "q\"uo" = 2, "é/$" = 3, "nl\n" = 4, 5 = 5 }
  input    = each.value
}
resource "terraform_data" "merged" {
  for_each = merge(var.functions, { c = { route = "GET /c", memory = 1 } })
  input    = each.value.memory
}
resource "terraform_data" "zip" {
  for_each = zipmap(local.names, [1, 2])
  input    = each.value
}
resource "terraform_data" "tuple" {
  for_each = { for pair in setproduct(local.names, ["p", "q"]) : "${pair[0]}-${pair[1]}" => pair }
  input    = each.value[1]
}
output "o" {
  value = [
    keys(terraform_data.set),
    { for k, r in terraform_data.var : k => r.input },
    values(terraform_data.var)[*].input,
    terraform_data.set["a"].input,
    length(terraform_data.empty),
    [for r in terraform_data.other : r.input],
  ]
}
