(** Definitions shared by every statement over the real numbers.

    Defines: iteration, finite sums and products, partial derivatives, gradient
    descent, and the scalar systems of the paper (chain of weights, |x|^(3/2), x^L).
    Proves nothing: this file is read together with Statements.v.

    Notation.  Reals of the standard library; [x ^ n] is the power with a natural
    exponent, [Rpower x y] the real power of x > 0, [Un_cv u l] says that u tends to
    l and [cv_infty u] that u tends to +infinity.  [/ x] is 1/x.  Sums and products
    run over the indices 0, ..., n-1.  [delta] is the step size.

    Source: K. Nar, S. S. Sastry, "Step Size Matters in Deep Learning", 2018,
    Examples 1 and 3, Corollary 1, Lemmas 3 and 4. *)

Require Import Reals.
Local Open Scope R_scope.

(** ** Iteration, sums, products *)

(** k-fold application of f to x. *)
Fixpoint iter (f : R -> R) (k : nat) (x : R) : R :=
  match k with
  | O => x
  | S j => f (iter f j x)
  end.

(** a 0 + ... + a (n-1). *)
Fixpoint Sum (a : nat -> R) (n : nat) : R :=
  match n with
  | O => 0
  | S m => Sum a m + a m
  end.

(** a 0 * ... * a (n-1). *)
Fixpoint Prod (a : nat -> R) (n : nat) : R :=
  match n with
  | O => 1
  | S m => Prod a m * a m
  end.

(** ** Gradient descent *)

(** w with its coordinate i replaced by x. *)
Definition put (w : nat -> R) (i : nat) (x : R) : nat -> R :=
  fun j => if Nat.eqb j i then x else w j.

(** The partial derivative of F at w in coordinate i exists and is d. *)
Definition partial (F : (nat -> R) -> R) (w : nat -> R) (i : nat) (d : R) : Prop :=
  derivable_pt_lim (fun x => F (put w i x)) (w i) d.

(** w 0, w 1, ... is a run of gradient descent on F in the coordinates 0, ..., L-1. *)
Definition descent (F : (nat -> R) -> R) (L : nat) (delta : R)
    (w : nat -> nat -> R) : Prop :=
  forall k i, (i < L)%nat ->
    exists d, partial F (w k) i d /\ w (S k) i = w k i - delta * d.

(** The same for a loss of one variable. *)
Definition descent1 (f : R -> R) (delta : R) (x : nat -> R) : Prop :=
  forall k, exists d, derivable_pt_lim f (x k) d /\ x (S k) = x k - delta * d.

(** ** Sharpness *)

(** The mixed second partial derivative of F at w in the coordinates i, j is h. *)
Definition partial2 (F : (nat -> R) -> R) (w : nat -> R) (i j : nat) (h : R) : Prop :=
  exists d, (forall v, partial F v i (d v)) /\ partial d w j h.

(** x is an eigenvector of the n x n matrix H for the eigenvalue m. *)
Definition eigenpair (H : nat -> nat -> R) (n : nat) (m : R) (x : nat -> R) : Prop :=
  (exists i, (i < n)%nat /\ x i <> 0) /\
  forall i, (i < n)%nat -> Sum (fun j => H i j * x j) n = m * x i.

Definition largest_eigenvalue (H : nat -> nat -> R) (n : nat) (m : R) : Prop :=
  (exists x, eigenpair H n m x) /\ (forall m' x, eigenpair H n m' x -> m' <= m).

(** m is the sharpness of F at w: the largest eigenvalue of its n x n Hessian there. *)
Definition sharpness (F : (nat -> R) -> R) (w : nat -> R) (n : nat) (m : R) : Prop :=
  exists H, (forall i j, (i < n)%nat -> (j < n)%nat -> partial2 F w i j (H i j)) /\
    largest_eigenvalue H n m.

(** w is a local minimum of F in its first n coordinates. *)
Definition local_min (F : (nat -> R) -> R) (n : nat) (w : nat -> R) : Prop :=
  exists e, 0 < e /\
    forall v, (forall i, (i < n)%nat -> Rabs (v i - w i) < e) -> F w <= F v.

(** ** The chain of L scalar weights (Lemmas 3 and 4, Corollary 1) *)

(** The loss (1/2) (w_1 ... w_L - lambda)^2. *)
Definition chain_loss (L : nat) (lambda : R) (w : nat -> R) : R :=
  / 2 * (Prod w L - lambda) ^ 2.

(** One gradient step when all L weights are equal to x. *)
Definition chain_step (L : nat) (lambda delta x : R) : R :=
  x - delta * (x ^ (L - 1) * (x ^ L - lambda)).

(** sum over j < L of x^j t^(L-1-j), that is (x^L - t^L) / (x - t) for x <> t. *)
Definition geo (L : nat) (t x : R) : R :=
  Sum (fun j => x ^ j * t ^ (L - 1 - j)) L.

(** The contraction factor: step(x) - t = mu(x) (x - t). *)
Definition mu (L : nat) (t delta x : R) : R :=
  1 - delta * (x ^ (L - 1) * geo L t x).

(** lambda^(1/L). *)
Definition root (L : nat) (lambda : R) : R := Rpower lambda (/ INR L).

(** L lambda^(2(L-1)/L): the largest Hessian eigenvalue at the balanced minimum. *)
Definition balanced_sharpness (L : nat) (lambda : R) : R :=
  INR L * Rpower lambda (2 * (INR L - 1) / INR L).

(** The step bound of Lemma 3. *)
Definition delta_c (L : nat) (lambda : R) : R :=
  if Rle_dec 1 lambda
  then / balanced_sharpness L lambda
  else (1 - root L lambda) / (1 - lambda).

(** The rate of Lemma 3. *)
Definition beta (L : nat) (lambda delta : R) : R :=
  if Rlt_dec 1 lambda
  then 1 - delta * ((lambda - 1) / (root L lambda - 1))
  else 1 - delta * balanced_sharpness L lambda.

(** ** Example 1: f(x) = (2/3) |x|^(3/2) *)

(** The sign of x: -1, 0 or 1. *)
Definition sgn (x : R) : R :=
  if Rlt_dec x 0 then -1 else if Rlt_dec 0 x then 1 else 0.

(** (2/3) |x|^(3/2), written without Rpower so that it is right at 0. *)
Definition ex1_loss (x : R) : R := 2 / 3 * (Rabs x * sqrt (Rabs x)).

Definition ex1_step (delta x : R) : R := x - delta * (sgn x * sqrt (Rabs x)).

(** The map for delta = 1. *)
Definition g (y : R) : R := y - sgn y * sqrt (Rabs y).

(** s 0 = 1, and s (n+1) is the positive preimage of s n under g. *)
Fixpoint s (n : nat) : R :=
  match n with
  | O => 1
  | S m => ((1 + sqrt (1 + 4 * s m)) / 2) ^ 2
  end.

(** The set S = {0} and all +- s n. *)
Definition inS (y : R) : Prop := y = 0 \/ exists n, y = s n \/ y = - s n.

(** ** Example 3: f(x) = x^L *)

Definition ex3_step (L : nat) (delta x : R) : R :=
  (1 - delta * INR L * x ^ (L - 2)) * x.

(** (2 / (L delta))^(1/(L-2)). *)
Definition ex3_threshold (L : nat) (delta : R) : R :=
  Rpower (2 / (INR L * delta)) (/ (INR L - 2)).
