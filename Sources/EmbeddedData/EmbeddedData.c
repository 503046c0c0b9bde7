// Files that are part of the program. (SwiftPM's own embedding makes Swift source of them, which the compiler reads for minutes.)
#include "EmbeddedData.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char digits_images[] = {
#embed "files/digits_images.txt"
};
EmbeddedFile embedded_digits_images(void) { return (EmbeddedFile){digits_images, sizeof digits_images}; }

static const unsigned char digits_table[] = {
#embed "files/digits.csv"
};
EmbeddedFile embedded_digits_table(void) { return (EmbeddedFile){digits_table, sizeof digits_table}; }
