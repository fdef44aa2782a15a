/**
 * Files of containers: copied in and out, exported, compared with their image's.
 */
@NullMarked
package io.berth.engine.files;

import org.jspecify.annotations.NullMarked;
