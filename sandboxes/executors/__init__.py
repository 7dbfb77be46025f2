"""Executors: place jobs on cores of one machine, or of many."""

from sandboxes.executors.base import Executor, ExecutorClosedError, Job
from sandboxes.executors.local import LocalExecutor

__all__ = ["Executor", "ExecutorClosedError", "Job", "LocalExecutor"]
