variable "deep" {
  type = object({
    name   = string
    tags   = optional(map(string), {})
    nested = optional(object({ a = optional(string, "da"), b = optional(list(object({ c = optional(number, 7) })), [{}]) }), {})
    flag   = optional(bool)
    any    = optional(any, "x")
  })
  default = { name = 5, extra = 1 }
}
variable "list" {
  type    = list(object({ k = string, v = optional(string, "dv") }))
  default = [{ k = 1 }, { k = "b", v = null, z = 2 }]
}
variable "map" {
  type    = map(object({ v = optional(number, 3) }))
  default = { a = {}, b = { v = "4" } }
}
variable "anymap" {
  type    = map(any)
  default = { a = 1, b = "x" }
}
variable "anylist" {
  type    = list(any)
  default = [{ a = 1 }, { a = "x" }]
}
variable "set" {
  type    = set(string)
  default = ["b", "a", "b", 1]
}
variable "tuple" {
  type    = tuple([string, number, bool])
  default = ["1", "2", null]
}
variable "notnull" {
  type     = string
  default  = "d"
  nullable = false
}
variable "null" {
  type    = list(string)
  default = null
}
variable "untyped" {
  default = { a = [1, "x"], b = null }
}
variable "quoted" {
  type    = map(map(string))
  default = { a = { b = 1 } }
}
output "o" {
  value = [
    var.deep,
    var.list,
    var.map,
    var.anymap,
    var.anylist,
    var.set,
    var.tuple,
    var.notnull,
    var.null,
    var.untyped,
    var.quoted,
  ]
}
