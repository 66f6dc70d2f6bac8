"""Works on files in /data as scripts do, and says what it sees. It expects the file "words"."""

import gzip
import io
import os
import sys
import tempfile
import zlib

os.environ["TMPDIR"] = "/data/tmp"
os.chdir("/data")


def written():
    """Reads lines, and writes through a buffer to a file that is renamed meanwhile."""
    os.makedirs("a/b")
    with open("words") as words, open("a/b/out", "w+") as out:
        for number, line in enumerate(words, 1):
            out.write(f"{number} {line.upper()}")
            out.flush()
        os.rename("a/b/out", "a/moved")
        out.seek(2)
        out.write("PY")
        out.seek(0, io.SEEK_END)
        end = out.tell()
        out.truncate(end - 3)
        out.seek(0)
        print("written", end, out.read().splitlines())
    os.rmdir("a/b")


def appended():
    """Appends from two descriptors in turns, and reads at places that no offset follows."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    first, second = (os.open("log", flags, 0o644) for _ in range(2))
    for turn in range(4):
        os.write(first if turn % 2 else second, b"turn %d\n" % turn)
    os.close(first)
    both = os.open("log", os.O_RDWR)
    os.pwrite(both, b"TURN", 7)
    print("appended", os.pread(both, 9, 7), os.lseek(both, 0, os.SEEK_CUR), os.fstat(both).st_size)
    os.ftruncate(both, 20)
    os.close(both)
    os.close(second)


def deleted():
    """Goes on with a file that has no name any more, beside one of the same name."""
    with open("gone", "w+b") as gone:
        gone.write(bytes(range(256)) * 40)
        gone.flush()
        os.remove("gone")
        with open("gone", "w") as other:
            other.write("another")
        gone.seek(5000)
        print("deleted", gone.read(4), os.fstat(gone.fileno()).st_size, os.stat("gone").st_size)
    os.remove("gone")


def temporary():
    """Files and directories that remove themselves."""
    os.mkdir("tmp")
    with tempfile.TemporaryFile() as nameless, tempfile.NamedTemporaryFile(suffix=".x") as named:
        nameless.write(b"nameless")
        named.write(b"named")
        named.flush()
        nameless.seek(4)
        print("temporary", nameless.read(), len(os.listdir("tmp")), os.path.getsize(named.name))
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "inside"), "w") as inside:
            inside.write("inside")
        print("temporary", os.listdir(folder))
    print("temporary", os.listdir("tmp"))
    os.rmdir("tmp")


def compressed():
    """Streams of compressed bytes, in pieces."""
    text = b"".join(b"line %d of what is compressed\n" % line for line in range(400))
    with gzip.GzipFile("text.gz", "wb", mtime=0) as packed:
        for at in range(0, len(text), 3000):
            packed.write(text[at : at + 3000])
    with gzip.open("text.gz") as packed:
        head = packed.read(1000)
        packed.seek(9000)
        print("compressed", zlib.crc32(head), packed.read(20), os.path.getsize("text.gz"))
    unpack = zlib.decompressobj(31)
    with open("text.gz", "rb") as packed:
        pieces = [unpack.decompress(piece) for piece in iter(lambda: packed.read(100), b"")]
    print("compressed", b"".join(pieces) == text)
    with open("raw", "w+b") as raw:
        raw.write(zlib.compress(text, 9))
        raw.seek(0)
        print("compressed", len(zlib.decompress(raw.read())), raw.tell())


def listed():
    """Walks a tree while its entries come, and changes it meanwhile."""
    for name in ("one", "two", "three"):
        os.makedirs(f"tree/{name}/deep")
        with open(f"tree/{name}/file", "w") as file:
            file.write(name * 100)
    os.symlink("one/file", "tree/link")
    os.link("tree/two/file", "tree/hard")
    with os.scandir("tree") as entries:
        first = next(entries).name
        rest = [entry.name for entry in entries if entry.is_dir()]
    print("listed", first, sorted(rest), os.readlink("tree/link"), os.stat("tree/hard").st_nlink)
    for folder, folders, files in os.walk("tree", topdown=False):
        print("listed", folder, sorted(folders), sorted(files))
        for name in files:
            os.remove(os.path.join(folder, name))
        for name in folders:
            os.rmdir(os.path.join(folder, name))


print("begun", flush=True)
for work in (written, appended, deleted, temporary, compressed, listed):
    work()
sys.exit(5)
