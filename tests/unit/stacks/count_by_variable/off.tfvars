create            = false
create_log_groups = true
