// Works on files in /data with os, bufio and filepath, and says what it sees. It expects the file
// "words".
package main

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func check(err error) {
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

func main() {
	written()
	unnamed()
	appended()
	linked()
	peeked()
	inPieces()
	walked()
}

// written writes through a buffer to a file that is renamed meanwhile.
func written() {
	in, err := os.Open("/data/words")
	check(err)
	check(os.MkdirAll("/data/a/b", 0o755))
	out, err := os.Create("/data/a/b/out")
	check(err)
	writer := bufio.NewWriter(out)
	scanner := bufio.NewScanner(in)
	for line := 1; scanner.Scan(); line++ {
		fmt.Fprintf(writer, "%d %s\n", line, strings.ToUpper(scanner.Text()))
		check(writer.Flush())
	}
	check(in.Close())
	_, err = out.Seek(2, io.SeekStart)
	check(err)
	check(os.Rename("/data/a/b/out", "/data/a/moved"))
	_, err = out.WriteString("GO")
	check(err)
	check(out.Sync())
	check(os.Remove("/data/a/b"))
	check(out.Close())
}

// unnamed works on a temporary file that has lost its name.
func unnamed() {
	scratch, err := os.CreateTemp("/data", "scratch-*")
	check(err)
	name := scratch.Name()
	_, err = scratch.WriteAt([]byte("at seven"), 7)
	check(err)
	check(os.Remove(name))
	bytes := make([]byte, 15)
	_, err = scratch.ReadAt(bytes, 0)
	check(err)
	fmt.Printf("%q\n", bytes)
	check(scratch.Truncate(3))
	check(scratch.Close())
	_, err = os.Stat("/data/missing")
	fmt.Println(os.IsNotExist(err))
}

// appended appends through two descriptors of one file.
func appended() {
	const flags = os.O_CREATE | os.O_APPEND | os.O_RDWR
	one, err := os.OpenFile("/data/log", flags, 0o644)
	check(err)
	two, err := os.OpenFile("/data/log", flags, 0o644)
	check(err)
	for i := range 3 {
		fmt.Fprintln(one, "one", i)
		fmt.Fprintln(two, "two", i)
	}
	check(one.Close())
	check(os.Truncate("/data/log", 8))
	fmt.Fprintln(two, "cut")
	_, err = two.Seek(-4, io.SeekEnd)
	check(err)
	rest, err := io.ReadAll(two)
	check(err)
	fmt.Printf("%q\n", rest)
	check(two.Close())
	check(os.WriteFile("/data/note", []byte("note\n"), 0o644))
}

// linked makes links, and replaces a file that is open.
func linked() {
	check(os.Link("/data/log", "/data/a/hard"))
	check(os.Symlink("a/hard", "/data/soft"))
	target, err := os.Readlink("/data/soft")
	check(err)
	old, err := os.Open("/data/soft")
	check(err)
	check(os.Rename("/data/note", "/data/a/hard"))
	content, err := io.ReadAll(old)
	check(err)
	fmt.Printf("%s %q\n", target, content)
	check(old.Close())
}

// peeked reads ahead, and goes back.
func peeked() {
	in, err := os.Open("/data/words")
	check(err)
	reader := bufio.NewReaderSize(in, 16)
	ahead, err := reader.Peek(5)
	check(err)
	fmt.Printf("%q\n", ahead)
	word, err := reader.ReadString(' ')
	check(err)
	check(reader.UnreadByte())
	rest, err := reader.ReadString('\n')
	check(err)
	at, err := in.Seek(0, io.SeekCurrent)
	check(err)
	fmt.Printf("%q %q at %d\n", word, rest, at)
	check(in.Close())
}

// inPieces reads a directory, from which entries vanish meanwhile.
func inPieces() {
	check(os.Mkdir("/data/many", 0o755))
	for i := range 6 {
		check(os.WriteFile(fmt.Sprintf("/data/many/%d", i), nil, 0o600))
	}
	directory, err := os.Open("/data/many")
	check(err)
	for {
		names, err := directory.Readdirnames(2)
		if err == io.EOF {
			break
		}
		check(err)
		fmt.Println(names)
		check(os.Remove(filepath.Join("/data/many", names[0])))
	}
	check(directory.Close())
}

func walked() {
	check(filepath.Walk("/data", func(path string, info fs.FileInfo, err error) error {
		if err != nil {
			return err
		}
		if info.IsDir() {
			fmt.Println(path)
			return nil
		}
		content, err := os.ReadFile(path)
		fmt.Printf("%s %d %q\n", path, info.Size(), content)
		return err
	}))
}
