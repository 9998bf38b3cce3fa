variable "create" {
  default = "true"
}
variable "n" {
  type    = number
  default = 2
}
resource "terraform_data" "literal" {
  count = 2
  input = "n${count.index}"
}
resource "terraform_data" "text" {
  count = "1"
  input = count.index + 1
}
resource "terraform_data" "none" {
  count = 0
  input = count.index
}
resource "terraform_data" "chosen" {
  count = var.create ? 1 : 0
  input = "x"
}
resource "terraform_data" "length" {
  count = length(terraform_data.literal)
  input = terraform_data.literal[count.index].input
}
resource "terraform_data" "var" {
  count = var.n
  input = [count.index]
}
output "o" {
  value = [
    length(terraform_data.none),
    terraform_data.none[*].input,
    terraform_data.literal[*].input,
    one(terraform_data.chosen[*].input),
    terraform_data.literal.*.input,
    [for i, r in terraform_data.literal : "${i}${r.input}"],
    try(terraform_data.none[0].input, "no"),
  ]
}
