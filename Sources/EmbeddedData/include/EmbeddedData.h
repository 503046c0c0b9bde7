#ifndef EMBEDDED_DATA_H
#define EMBEDDED_DATA_H

#include <stddef.h>

/// The bytes of a file that comes with padash. They are never freed.
typedef struct {
    const unsigned char *bytes;
    size_t count;
} EmbeddedFile;

EmbeddedFile embedded_digits_images(void);
EmbeddedFile embedded_digits_table(void);

#endif
