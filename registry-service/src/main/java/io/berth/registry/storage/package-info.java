/** Where bytes are kept: content by location, and what upload sessions have received so far. */
@NullMarked
package io.berth.registry.storage;

import org.jspecify.annotations.NullMarked;
