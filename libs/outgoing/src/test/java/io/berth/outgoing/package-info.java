@NullMarked
package io.berth.outgoing;

import org.jspecify.annotations.NullMarked;
