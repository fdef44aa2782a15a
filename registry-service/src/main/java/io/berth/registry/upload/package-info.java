/**
 * Upload sessions: bytes on their way to becoming a blob.
 */
@NullMarked
package io.berth.registry.upload;

import org.jspecify.annotations.NullMarked;
