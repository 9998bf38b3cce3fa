a          = "tfvars"
b          = "tfvars"
c          = "tfvars"
d          = "tfvars"
e          = "tfvars"
n          = "5"
obj        = { y = "1" }
h          = <<-EOT
  x
EOT
undeclared = 1
nul        = null
nn         = null
