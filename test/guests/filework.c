/*
 * Works on files in /data in every way that C has, and says what it sees: buffered streams with
 * ungetc, seeking, appending through two descriptors, truncation, positioned reads and writes,
 * renaming and unlinking of open files, a temporary file, links, a directory read in two halves,
 * and a renumbered descriptor.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 256);
  buffered();
  appended();
  positioned();
  renamed();
  temporary();
  linked();
  listed();
  return 7;
}
