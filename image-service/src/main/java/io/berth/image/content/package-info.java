/** The content store: blobs by digest. */
@NullMarked
package io.berth.image.content;

import org.jspecify.annotations.NullMarked;
