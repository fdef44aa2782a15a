/** Image metadata: which images exist, what they consist of and what they are called. */
@NullMarked
package io.berth.image.store;

import org.jspecify.annotations.NullMarked;
