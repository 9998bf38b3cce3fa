e = "c"
