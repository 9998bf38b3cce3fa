def named(name):
    return name.strip().lower()
