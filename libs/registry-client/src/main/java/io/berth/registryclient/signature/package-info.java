/** Signatures of images: which must have one, and whether it is valid. */
@NullMarked
package io.berth.registryclient.signature;

import org.jspecify.annotations.NullMarked;
