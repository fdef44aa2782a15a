/** Trees of files on their way between a client and this host (tonistiigi/fsutil). */
@NullMarked
package io.berth.buildkit.transfer;

import org.jspecify.annotations.NullMarked;
