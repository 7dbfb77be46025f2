"""What people see: progress while a run goes on, and one screen at its end."""
