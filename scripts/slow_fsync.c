/* Makes every fsync take a fixed time, so that a receiver bench does not measure the weather of one disk.
 * Build: cc -shared -fPIC -O2 -o slow_fsync.so slow_fsync.c
 * Use:   SLOW_FSYNC_MICROS=1000 LD_PRELOAD=./slow_fsync.so program, with its files on tmpfs. */
#include <stdlib.h>
#include <time.h>

static void wait_fixed(void) {
    static long micros = -1;
    if (micros < 0) {
        const char *text = getenv("SLOW_FSYNC_MICROS");
        micros = text ? atol(text) : 1000;
    }
    struct timespec left = {micros / 1000000, (micros % 1000000) * 1000};
    while (nanosleep(&left, &left) != 0) {
    }
}

int fsync(int fd) { (void)fd; wait_fixed(); return 0; }
int fdatasync(int fd) { (void)fd; wait_fixed(); return 0; }
