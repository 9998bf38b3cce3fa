locals {
  a = local.b + 1
  c = [for x in local.d : x + local.a]
}
locals {
  b = 2
  d = [local.b, local.e.f]
}
output "o" {
  value = [local.a, local.c, local.e]
}
locals {
  e = { f = 3, g = { h = "${local.b}" } }
}
