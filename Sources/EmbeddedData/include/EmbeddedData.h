#ifndef EMBEDDED_DATA_H
#define EMBEDDED_DATA_H

#include <stddef.h>

/// The bytes of a file that comes with padash. They are never freed.
typedef struct {
    const unsigned char *bytes;
    size_t count;
} EmbeddedFile;

/// The file of that name in the folder `files`; empty where there is none.
EmbeddedFile embedded_file(const char *name);

#endif
