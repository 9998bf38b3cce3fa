locals {
  greeting = "Hello, $${name}!%%{ if loud } HEY%%{ endif }"
  wrapped  = "$${things}"
}
output "o" {
  value = [
    templatestring(local.greeting, { name = "Ann", loud = true }),
    templatestring(local.wrapped, { things = 1 }),
    try(templatestring(local.wrapped, { things = [1, "a"] }), "refused"),
    try(templatestring(local.greeting, {}), "refused"),
    templatefile("list.tftpl", { names = ["a", "b"], port = 80 }),
    ephemeralasnull("x"),
  ]
}
