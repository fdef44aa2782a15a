/** Gives back what nobody needs while the registry runs, and looks whether what is kept is whole. */
@NullMarked
package io.berth.registry.collection;

import org.jspecify.annotations.NullMarked;
