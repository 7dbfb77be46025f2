"""What a command used, read from /proc and from its control group."""

import posix
import resource


def read_all(path: str) -> bytes:
    """Bytes of a small file of /proc; empty if it cannot be read (the process may be gone)."""
    try:
        fd = posix.open(path, posix.O_RDONLY)
    except OSError:
        return b""
    try:
        parts = []
        while part := posix.read(fd, 65536):
            parts.append(part)
        return b"".join(parts)
    except OSError:
        return b""
    finally:
        posix.close(fd)


def descendants(root: int) -> list[int]:
    """Ids of all descendants of a process, dead but unreaped ones included, by the kernel's own child lists."""
    found: list[int] = []
    pending = [root]
    while pending:
        pid = pending.pop()
        try:
            threads = posix.listdir(f"/proc/{pid}/task")
        except OSError:
            continue
        for thread in threads:
            children = [int(child) for child in read_all(f"/proc/{pid}/task/{thread}/children").split()]
            found += children
            pending += children
    return found


def below(root: int) -> list[int]:
    """Everything below a process; below the init of a pid namespace that is all there is."""
    if root == 1:
        return [int(name) for name in posix.listdir("/proc") if name.isdigit() and name != "1"]
    return descendants(root)


def own_resident_bytes() -> int:
    """Resident memory of this process."""
    fields = read_all("/proc/self/statm").split()
    return int(fields[1]) * posix.sysconf("SC_PAGE_SIZE") if fields else 0


def resident_bytes(root: int) -> int:
    """Resident memory of everything below a process; shared pages count once per process."""
    pages = 0
    for pid in below(root):
        fields = read_all(f"/proc/{pid}/statm").split()
        pages += int(fields[1]) if fields else 0
    return pages * posix.sysconf("SC_PAGE_SIZE")


def busy_s(cores: list[int]) -> float | None:
    """CPU seconds so far on these cores by anybody, stolen time included, in ticks of 10 ms; None if unreadable."""
    wanted = {f"cpu{core}".encode() for core in cores}
    ticks = 0
    for line in read_all("/proc/stat").splitlines():
        name, *values = line.split()
        if name in wanted:
            wanted.discard(name)
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, values[:8])
            ticks += user + nice + system + irq + softirq + steal
    return None if wanted else ticks / posix.sysconf("SC_CLK_TCK")


def own_cpu_s() -> float:
    """CPU seconds of this process and of every descendant reaped so far."""
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        total += usage.ru_utime + usage.ru_stime
    return total


class ForeignLoad:
    """CPU seconds that others use on some cores between construction and `seconds`."""

    def __init__(self, cores: list[int]) -> None:
        self.cores = cores
        self.busy = busy_s(cores) if cores else None
        self.own = own_cpu_s()

    def seconds(self) -> float | None:
        """The time that was not ours; None if there are no cores to look at or the kernel does not tell."""
        busy = busy_s(self.cores) if self.cores else None
        if busy is None or self.busy is None:
            return None
        return max(0.0, busy - self.busy - (own_cpu_s() - self.own))


def group_peak(fd: int | None) -> int | None:
    """Peak memory of a control group in bytes; None if the kernel does not tell."""
    value = posix.pread(fd, 64, 0).split() if fd is not None else []
    return int(value[0]) if value and value[0].isdigit() else None


def killed_for_memory(fd: int | None) -> bool:
    """Whether the kernel killed something in a control group for want of memory."""
    if fd is None:
        return False
    fields = posix.pread(fd, 4096, 0).split()
    return any(name == b"oom_kill" and int(count) > 0 for name, count in zip(fields[::2], fields[1::2], strict=False))
