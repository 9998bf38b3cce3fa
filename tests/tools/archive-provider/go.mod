module routeproof/archive-provider

go 1.16

require github.com/terraform-providers/terraform-provider-archive v1.3.0
