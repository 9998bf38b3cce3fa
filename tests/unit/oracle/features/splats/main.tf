locals {
  objs   = [{ a = { b = [1, 2] } }, { a = { b = [3] } }]
  single = { a = 1 }
  nul    = null
  m      = { x = { id = 1 }, y = { id = 2 } }
}
output "o" {
  value = [
    local.objs[*].a.b[0],
    local.objs.*.a,
    local.single[*].a,
    local.nul[*].a,
    values(local.m)[*].id,
    local.objs[*].a.b[*],
    flatten(local.objs[*].a.b),
    local.objs.0.a.b.1,
    toset(["a"])[*],
  ]
}
