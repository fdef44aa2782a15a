/** Content and uploads as files of the data directory, which one process uses. */
@NullMarked
package io.berth.registry.storage.file;

import org.jspecify.annotations.NullMarked;
