"""What runs inside a sandbox around one command; it imports only built-in and extension modules.

Importing anything more would be paid for by every exec. The driver hands these modules over as compiled code
through a file descriptor (`sandboxes.program`), so nothing of our installation is visible inside.
"""
