/** Linux capabilities (capabilities(7)) by name and as sets. */
@NullMarked
package io.berth.linux.capability;

import org.jspecify.annotations.NullMarked;
