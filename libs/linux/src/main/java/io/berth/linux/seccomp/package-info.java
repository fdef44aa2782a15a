/** Seccomp profiles in Docker's form and their compilation to filters. */
@NullMarked
package io.berth.linux.seccomp;

import org.jspecify.annotations.NullMarked;
