/**
 * HTTP between the platform's services over Unix sockets, guarded by the platform credential.
 */
@NullMarked
package io.berth.unixhttp;

import org.jspecify.annotations.NullMarked;
