// Files that are part of the program. (SwiftPM's own embedding makes Swift source of them, which the compiler reads for minutes.)
#include "EmbeddedData.h"
#include <string.h>

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char digits_images[] = {
#embed "files/digits_images.txt"
};

static const unsigned char digits_table[] = {
#embed "files/digits.csv"
};

static const struct {
    const char *name;
    EmbeddedFile file;
} files[] = {
    {"digits_images.txt", {digits_images, sizeof digits_images}},
    {"digits.csv", {digits_table, sizeof digits_table}},
};

EmbeddedFile embedded_file(const char *name) {
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (strcmp(files[i].name, name) == 0) { return files[i].file; }
    }
    return (EmbeddedFile){NULL, 0};
}
