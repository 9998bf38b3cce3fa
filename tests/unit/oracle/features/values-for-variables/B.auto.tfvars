e = "B"
