/** Search and browse endpoints. */
@NullMarked
package io.berth.registry.browse.web;

import org.jspecify.annotations.NullMarked;
