/** Layers: archives unpacked once per diff id into directories that overlay mounts use. */
@NullMarked
package io.berth.image.layer;

import org.jspecify.annotations.NullMarked;
