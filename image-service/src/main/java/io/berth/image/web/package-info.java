/** What all HTTP endpoints of this service share: paths, versions, errors, JSON. */
@NullMarked
package io.berth.image.web;

import org.jspecify.annotations.NullMarked;
