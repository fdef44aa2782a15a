/** The language of Dockerfiles: what is written, what its variables stand for, what is wrong with it. Nothing here does I/O. */
@NullMarked
package io.berth.dockerfile;

import org.jspecify.annotations.NullMarked;
