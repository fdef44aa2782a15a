/** Executables made in memory (elf(5)). */
@NullMarked
package io.berth.linux.elf;

import org.jspecify.annotations.NullMarked;
