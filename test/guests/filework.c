/*
 * Works on files in /data in every way that C has, and says what it sees: buffered streams with
 * ungetc, seeking, appending through two descriptors, truncation, positioned reads and writes,
 * sparse files, renaming, replacing and unlinking of open files, temporary files, links, paths
 * below an open directory, directories read in pieces, and renumbered descriptors. It expects the
 * files "words" and "kept", and takes "kept" away. With an argument no directory is moved while it
 * is open.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wasi/api.h>

int __wasilibc_fd_renumber(int from, int to);

static void say_stat(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0) {
    printf("%s: %s\n", path, strerror(errno));
    return;
  }
  printf("%s: %s of %lld bytes\n", path, S_ISDIR(status.st_mode) ? "directory" : "file",
         S_ISDIR(status.st_mode) ? 0LL : (long long)status.st_size);
}

static void buffered(void) {
  char line[64];
  FILE *in = fopen("/data/words", "r");
  FILE *out = fopen("/data/upper", "w");
  while (fgets(line, sizeof line, in) != NULL) {
    for (char *at = line; *at != 0; at++) {
      if (*at >= 'a' && *at <= 'z') *at -= 32;
    }
    fputs(line, out);
    fflush(out);
  }
  fseek(in, 6, SEEK_SET);
  int c = fgetc(in);
  ungetc(c, in);
  printf("again: %c%c\n", fgetc(in), fgetc(in));
  fseek(out, -4, SEEK_END);
  fputs("end\n", out);
  printf("at %ld and %ld\n", ftell(in), ftell(out));
  fclose(in);
  fclose(out);
  if (fopen("/data/missing", "r") == NULL) printf("missing: %s\n", strerror(errno));
}

static void appended(void) {
  int one = open("/data/log", O_WRONLY | O_CREAT | O_APPEND, 0644);
  int two = open("/data/log", O_WRONLY | O_APPEND);
  for (int i = 0; i < 3; i++) {
    dprintf(one, "one %d\n", i);
    dprintf(two, "two %d\n", i);
  }
  close(one);
  ftruncate(two, 10);
  dprintf(two, "cut\n");
  close(two);
  say_stat("/data/log");
}

static void positioned(void) {
  char text[8] = "";
  int file = open("/data/log", O_RDWR);
  pwrite(file, "PWRITE", 6, 2);
  pread(file, text, 6, 4);
  printf("pread %s at %lld\n", text, (long long)lseek(file, 0, SEEK_CUR));
  lseek(file, 3, SEEK_CUR);
  read(file, text, 3);
  printf("read %.3s\n", text);
  close(file);
}

static void renamed(void) {
  char text[32] = "";
  int file = open("/data/log", O_RDWR);
  mkdir("/data/deep", 0755);
  rename("/data/log", "/data/deep/log");
  write(file, "renamed", 7);
  unlink("/data/deep/log");
  lseek(file, 0, SEEK_SET);
  read(file, text, 14);
  printf("unlinked holds %s\n", text);
  int kept = open("/data/upper", O_RDONLY);
  printf("renumber %d\n", __wasilibc_fd_renumber(file, kept));
  lseek(kept, 2, SEEK_SET);
  memset(text, 0, sizeof text);
  read(kept, text, 6);
  printf("renumbered holds %s\n", text);
  close(kept);
}

static void temporary(void) {
  char text[8] = "";
  int file = open("/data/temporary", O_RDWR | O_CREAT | O_EXCL, 0600);
  unlink("/data/temporary");
  write(file, "secret", 6);
  lseek(file, 0, SEEK_SET);
  read(file, text, 6);
  printf("temporary %s\n", text);
  close(file);
}

static void linked(void) {
  char text[32] = "";
  symlink("upper", "/data/symbolic");
  link("/data/upper", "/data/hard");
  ssize_t length = readlink("/data/symbolic", text, sizeof text);
  printf("symbolic to %.*s\n", (int)length, text);
  FILE *hard = fopen("/data/hard", "a");
  fputs("more\n", hard);
  fclose(hard);
  say_stat("/data/symbolic");
  rename("/data/deep", "/data/deeper");
  rmdir("/data/deeper");
  say_stat("/data/deeper");
}

/* What was written once must not be emptied again, nor what is appended be overwritten. */
static void reopened(void) {
  char text[64] = "";
  FILE *both = fopen("/data/both", "w+");
  fputs("first\nsecond\n", both);
  rewind(both);
  fread(text, 1, 3, both);
  fseek(both, 0, SEEK_CUR);
  fputs("ST", both);
  fflush(both);
  FILE *append = fopen("/data/both", "a+");
  fputs("third\n", append);
  fseek(append, 0, SEEK_SET);
  size_t length = fread(text, 1, sizeof text - 1, append);
  text[length] = 0;
  printf("both holds %s", text);
  fclose(both);
  fclose(append);
  int flags = open("/data/both", O_RDWR);
  fcntl(flags, F_SETFL, O_APPEND);
  write(flags, "fourth\n", 7);
  fcntl(flags, F_SETFL, 0);
  lseek(flags, 0, SEEK_SET);
  write(flags, "F", 1);
  printf("flags %d at %lld\n", fcntl(flags, F_GETFL) & O_APPEND, (long long)lseek(flags, 0, 1));
  close(flags);
  int exclusive = open("/data/both", O_WRONLY | O_CREAT | O_EXCL, 0644);
  printf("exclusive: %s\n", exclusive < 0 ? strerror(errno) : "made");
}

static void sparse(void) {
  char text[8] = "";
  int file = open("/data/sparse", O_RDWR | O_CREAT | O_TRUNC, 0600);
  ftruncate(file, 20000);
  pwrite(file, "far", 3, 70000);
  posix_fallocate(file, 70000, 1000);
  lseek(file, -1000, SEEK_END);
  read(file, text, 3);
  printf("sparse holds %s\n", text);
  const struct timespec times[2] = {{1000000000, 5}, {1000000001, 7}};
  futimens(file, times);
  fsync(file);
  close(file);
  say_stat("/data/sparse");
}

/* Files that lose their name, or get another one's, while they are open. */
static void replaced(void) {
  char text[16] = "";
  int old = open("/data/kept", O_RDWR);
  int new = open("/data/new", O_RDWR | O_CREAT, 0640);
  write(new, "the new one", 11);
  read(old, text, 4);
  rename("/data/new", "/data/kept");
  write(old, "+old", 4);
  lseek(new, 4, SEEK_SET);
  write(new, "NEW", 3);
  lseek(old, 0, SEEK_SET);
  memset(text, 0, sizeof text);
  read(old, text, 8);
  printf("replaced holds %s\n", text);
  close(old);
  link("/data/kept", "/data/second");
  unlink("/data/kept");
  memset(text, 0, sizeof text);
  pread(new, text, 11, 0);
  printf("kept by its second name: %s\n", text);
  write(new, " more", 5);
  close(new);
  say_stat("/data/second");
}

/* Paths relative to a directory, which may move meanwhile. */
static void relative(int moves) {
  char text[16] = "";
  mkdir("/data/moving", 0700);
  int directory = open("/data/moving", O_RDONLY | O_DIRECTORY);
  int file = openat(directory, "inside", O_RDWR | O_CREAT, 0644);
  write(file, "inside\n", 7);
  if (moves) rename("/data/moving", "/data/moved");
  mkdirat(directory, "below", 0755);
  renameat(directory, "inside", directory, "below/deep");
  symlinkat("below/deep", directory, "short");
  int other = openat(directory, "short", O_RDONLY);
  lseek(file, 2, SEEK_SET);
  write(file, "SIDE", 4);
  read(other, text, 7);
  printf("through a link: %s", text);
  close(other);
  close(file);
  close(directory);
}

/* In pieces that hold few entries, while others come and go. */
static void in_pieces(void) {
  char name[32];
  uint8_t buffer[96];
  mkdir("/data/many", 0755);
  for (int i = 0; i < 9; i++) {
    snprintf(name, sizeof name, "/data/many/entry-%d", i);
    close(open(name, O_WRONLY | O_CREAT, 0644));
  }
  int directory = open("/data/many", O_RDONLY | O_DIRECTORY);
  __wasi_dircookie_t cookie = __WASI_DIRCOOKIE_START;
  for (int piece = 0;; piece++) {
    __wasi_size_t used = 0;
    if (__wasi_fd_readdir(directory, buffer, sizeof buffer, cookie, &used) != 0) break;
    __wasi_size_t at = 0;
    while (at + sizeof(__wasi_dirent_t) <= used) {
      __wasi_dirent_t entry;
      memcpy(&entry, buffer + at, sizeof entry);
      at += sizeof entry;
      if (at + entry.d_namlen > used) break;
      printf("piece %d: %.*s\n", piece, (int)entry.d_namlen, (const char *)buffer + at);
      at += entry.d_namlen;
      cookie = entry.d_next;
    }
    if (used < sizeof buffer) break;
    if (piece == 1) unlink("/data/many/entry-3");
    if (piece == 2) close(open("/data/many/entry-9", O_WRONLY | O_CREAT, 0644));
  }
  close(directory);
}

/* Standard output goes on under another number, and comes back. */
static void moved_output(void) {
  int spare = open("/data/words", O_RDONLY);
  dprintf(1, "before\n");
  __wasilibc_fd_renumber(1, spare);
  dprintf(spare, "renumbered to %d\n", spare);
  int low = open("/data/words", O_RDONLY);
  dprintf(spare, "lowest free is %d\n", low);
  __wasilibc_fd_renumber(spare, 1);
  printf("back\n");
}

/* Sorted, since the order of a directory is the host's. */
static void listed(void) {
  char names[32][32];
  int count = 0;
  DIR *directory = opendir("/data");
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    if (entry->d_name[0] != '.') strcpy(names[count++], entry->d_name);
    if (count == 3) seekdir(directory, telldir(directory));
  }
  closedir(directory);
  qsort(names, (size_t)count, sizeof names[0], (int (*)(const void *, const void *))strcmp);
  for (int i = 0; i < count; i++) say_stat(strcat(strcpy(names[31], "/data/"), names[i]));
}

int main(int argc, char **argv) {
  (void)argv;
  setvbuf(stdout, NULL, _IOLBF, 256);
  buffered();
  appended();
  positioned();
  renamed();
  temporary();
  linked();
  reopened();
  sparse();
  replaced();
  relative(argc < 2);
  in_pieces();
  moved_output();
  listed();
  return 7;
}
