create_log_groups = true
