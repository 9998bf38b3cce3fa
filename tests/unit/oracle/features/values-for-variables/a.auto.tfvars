c = "a"
d = "a"
e = "a"
