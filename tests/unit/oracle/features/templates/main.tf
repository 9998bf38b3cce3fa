locals {
  greeting = "Hello, $${name}!%%{ if loud } HEY%%{ endif }"
  wrapped  = "$${things}"
  outside  = "$${local.wrapped}"
}
output "o" {
  value = [
    templatestring(local.greeting, { name = "Ann", loud = true }),
    templatestring(local.wrapped, { things = 1 }),
    try(templatestring(local.wrapped, { things = [1, "a"] }), "refused"),
    try(templatestring(local.greeting, {}), "refused"),
    try(templatestring(local.outside, {}), "refused"),
    try(templatestring(local.outside, { local = { wrapped = "given" } }), "refused"),
    templatefile("list.tftpl", { names = ["a", "b"], port = 80 }),
    ephemeralasnull("x"),
  ]
}
