/**
 * Content-addressed blobs, stored once for all repositories and visible only through a repository's link.
 */
@NullMarked
package io.berth.registry.blob;

import org.jspecify.annotations.NullMarked;
