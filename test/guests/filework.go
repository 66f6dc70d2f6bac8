// Works on files in /data with os, bufio and filepath, and says what it sees.
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
	check(out.Close())
	_, err = os.Stat("/data/missing")
	fmt.Println(os.IsNotExist(err))
	check(os.WriteFile("/data/note", []byte("note\n"), 0o644))
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
