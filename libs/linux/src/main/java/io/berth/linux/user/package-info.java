/** Users and groups of a tree of files, by its own databases. */
@NullMarked
package io.berth.linux.user;

import org.jspecify.annotations.NullMarked;
